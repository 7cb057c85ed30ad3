"""What partnerships add to the house below them: their letters."""

from eventhub.mail import service as mail
from eventhub.partnerships import letters

mail.letter("verification", sample=letters.sample)
mail.letter("follow_up", sample=letters.sample)
