"""What the features above ask of a registration in their own statements, said once: whether it is a child's, and
where its person comes from. For statements that join ``Registration`` with ``Person`` and (outer) ``Organisation``.
"""

import sqlalchemy as sa

from eventhub.directory.models import Organisation, Person
from eventhub.registration.models import Registration

# by the registration or by the directory: either is enough to keep a person out of what children stand in never
IS_CHILD = sa.or_(Registration.is_child, Person.is_child)
# as the directory has it; what was typed, where it has none
ORGANISATION = sa.func.coalesce(Organisation.name, Registration.organisation_text)
# what stands of somebody on paper, and what decides how much of it
ON_PAPER = (
    Registration.language,
    IS_CHILD.label("is_child"),
    ORGANISATION.label("organisation"),
    Person.id.label("person_id"),
    Person.full_name,
    Person.latin_name,
    Person.called,
    Person.at_risk,
    Person.merged_into_id,
)
