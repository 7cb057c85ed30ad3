"""What networking adds to the house below it: its letters, and the calendar entries that go with them."""

from eventhub.mail import service as mail
from eventhub.networking import calendars, letters, letters_one_to_one
from eventhub.networking import queries_one_to_one as queries

mail.letter("introduction", sample=letters.sample)
mail.letter("one_to_one", sample=letters_one_to_one.sample)


@mail.attachment("one_to_one_a")
def entry_of_a(one_to_one_id: int) -> tuple[str, str, bytes]:
    """The calendar entry of a 1:1 meeting for the first of the two, as it is when the letter leaves."""
    row = queries.get_one_to_one(one_to_one_id)
    return calendars.of_one(row, row.a)


@mail.attachment("one_to_one_b")
def entry_of_b(one_to_one_id: int) -> tuple[str, str, bytes]:
    row = queries.get_one_to_one(one_to_one_id)
    return calendars.of_one(row, row.b)
