"""What a browser says of colours, and how well one is read on another."""

from __future__ import annotations

Rgb = tuple[float, float, float]
WHITE: Rgb = (255.0, 255.0, 255.0)


def channels(colour: str) -> list[float]:
    """A computed colour as red, green, blue (0 to 255) and opacity (0 to 1)."""
    kind, _, values = colour.partition("(")
    numbers = [
        float(v)
        for v in values.rstrip(")").replace("/", " ").replace(",", " ").split()
        if v != "srgb"
    ]
    if kind == "color":
        numbers[:3] = [value * 255 for value in numbers[:3]]
    return numbers if len(numbers) == 4 else [*numbers, 1.0]


def over(front: list[float], back: Rgb) -> Rgb:
    """The colour that is seen where `front` lies on `back`."""
    red, green, blue = (
        front[3] * mine + (1 - front[3]) * theirs
        for mine, theirs in zip(front[:3], back, strict=True)
    )
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21; text wants 4.5."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Rgb) -> float:
    parts = [v / 255 for v in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
