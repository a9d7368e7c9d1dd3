def helps(metric: str) -> str:
    return ""
