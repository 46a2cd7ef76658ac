"""What would have been paid on AWS, so that nobody who goes there meets a surprise.

Prices are those of aws.amazon.com/deepracer/pricing: 3.50 USD for each hour of training or evaluation, 0.023 USD for
each GB of storage and month; 10 hours and 5 GB are free in the first 30 days.
"""

HOUR_USD = 3.50
GB_MONTH_USD = 0.023
FREE_HOURS = 10.0
FREE_GB = 5.0


def price_usd(hours: float, hours_in_first_days: float, storage_gb: float, in_first_days: bool) -> float:
    """The price of a period, the free tier taken off.

    Args:
        hours: of jobs in the period.
        hours_in_first_days: those of them within 30 days of the first use.
        storage_gb: held for a month.
        in_first_days: whether these days are not over.
    """
    paid_hours = hours - min(hours_in_first_days, FREE_HOURS)
    paid_gb = max(storage_gb - (FREE_GB if in_first_days else 0.0), 0.0)
    return HOUR_USD * paid_hours + GB_MONTH_USD * paid_gb
