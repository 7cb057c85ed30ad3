"""The WSGI entry point for any server: ``gunicorn wsgi:app``."""

from eventhub.app import create_app
from eventhub.serving import warm

app = create_app()
warm(app)
