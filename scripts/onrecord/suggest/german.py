TAGS = {}
