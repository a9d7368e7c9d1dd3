"""Dividing cents without losing one. What is divided, and among whom, is the business of the callers."""


def split(total: int, weights: dict[str, int]) -> dict[str, int]:
    """Divides cents by weight so that the parts sum to the total (largest remainder, then first named)."""
    whole = sum(weights.values())
    sign = -1 if total < 0 else 1
    shares = {key: abs(total) * weight // whole for key, weight in weights.items()}
    left = abs(total) - sum(shares.values())
    by_remainder = sorted(weights, key=lambda key: -(abs(total) * weights[key] % whole))
    for key in by_remainder[:left]:
        shares[key] += 1
    return {key: sign * value for key, value in shares.items()}
