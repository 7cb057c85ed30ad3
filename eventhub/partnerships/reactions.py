"""What partnerships add to the house below them: their letters, and the jobs that read and import past editions."""

from eventhub.jobs import service as jobs
from eventhub.mail import service as mail
from eventhub.partnerships import asking_past, backfill, letters, letters_follow, meeting_statements

mail.letter("verification", sample=letters.sample)
mail.letter("substantiation", sample=letters.sample)
mail.letter("follow_up", sample=letters.sample)
mail.letter("person_follow_up", sample=letters_follow.sample)
mail.letter("statement_voice", sample=meeting_statements.sample)
jobs.kind(backfill.READ, permission="meeting.create", page="partnerships.past_preview", only_looks=True)(
    backfill.read_list
)
jobs.kind(backfill.IMPORT, permission="meeting.create")(backfill.import_list)
jobs.kind(asking_past.KIND, permission="partnerships.edit")(asking_past.write_letters)
