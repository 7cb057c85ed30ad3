"""What networking adds to the house below it: its letter."""

from eventhub.mail import service as mail
from eventhub.networking import letters

mail.letter("introduction", sample=letters.sample)
