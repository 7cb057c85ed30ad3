"""What runs by the clock: the sweeps that repair what the queue lost, and the daily duties. One page."""

from celery.schedules import crontab

from eventhub import tasks

BEAT = {
    "mail-sweep": {"task": tasks.MAIL_SWEEP, "schedule": 30.0, "options": {"expires": 25}},
    "jobs-sweep": {"task": tasks.JOBS_SWEEP, "schedule": 60.0, "options": {"expires": 50}},
    "registration-sweep": {"task": tasks.REGISTRATION_SWEEP, "schedule": 30.0, "options": {"expires": 25}},
    "invitations-sweep": {"task": tasks.INVITATIONS_SWEEP, "schedule": 300.0, "options": {"expires": 250}},
    "checkin-sweep": {"task": tasks.CHECKIN_REFOLD, "schedule": 60.0, "options": {"expires": 50}},
    "checkin-follow": {"task": tasks.CHECKIN_FOLLOW, "schedule": 60.0, "options": {"expires": 50}},
    "suggestions": {"task": tasks.NETWORKING_SUGGEST, "schedule": 120.0, "options": {"expires": 100}},
    "evening": {"task": tasks.NETWORKING_EVENING, "schedule": crontab(minute=23), "options": {"expires": 3000}},
    "follow-ups": {"task": tasks.PARTNERSHIPS_FOLLOW_UPS, "schedule": crontab(minute=17), "options": {"expires": 3000}},
    "issued-reports": {"task": tasks.REPORTS_WITHHOLD, "schedule": 300.0, "options": {"expires": 250}},
    "purge": {"task": tasks.PURGE, "schedule": crontab(hour=3, minute=40), "options": {"expires": 3000}},
}
