"""What the card says of the baselines' learning curves."""

import pytest

from onrecord.dataset.measured import Baselines, Row, markdown


@pytest.mark.parametrize(
    ("last", "says"), [(0.52, "still rises"), (0.505, "is level"), (0.48, "falls")]
)
def test_the_last_quarter_of_train_is_told(last: float, says: str) -> None:
    row = Row(
        layer="stance",
        task="polarity",
        system="words",
        measure="F1",
        curve=[0.3, 0.4, 0.5, last],
        low=0.1,
        high=0.9,
        n=20,
    )
    counts = {"train": 4, "validation": 1, "test": 1}
    told = Baselines(format=1, gold_sha256="", articles=counts, draws=3, rows=[row])
    assert markdown(told).endswith(f"the curve {says}.")
