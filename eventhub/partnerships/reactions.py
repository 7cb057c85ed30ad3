"""What partnerships add to the house below them: their letters."""

from eventhub.mail import service as mail
from eventhub.partnerships import letters, letters_follow

mail.letter("verification", sample=letters.sample)
mail.letter("follow_up", sample=letters.sample)
mail.letter("person_follow_up", sample=letters_follow.sample)
