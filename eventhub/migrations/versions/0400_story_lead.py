"""what a story's lead rests on, why it was chosen and by whom

Revision: 0400_story_lead, after 0400_guests
"""

import sqlalchemy as sa
from alembic import op

revision = "0400_story_lead"
down_revision = "0400_guests"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("stories") as table:
        table.add_column(sa.Column("lead_rests_on", sa.JSON(), server_default="[]", nullable=False))
        table.add_column(sa.Column("why_chosen", sa.Text(), server_default="", nullable=False))
        table.add_column(sa.Column("chosen_by", sa.Text(), server_default="", nullable=False))
    # a lead that is public already rests on all that its story tells, until somebody says it more exactly
    here = op.get_bind()
    told = {}
    for story, record, ident in here.execute(
        sa.text("SELECT story_id, record, record_id FROM story_claims ORDER BY position")
    ):
        told.setdefault(story, {})[f"{record}:{ident}"] = True
    stories = sa.table("stories", sa.column("id"), sa.column("lead"), sa.column("lead_rests_on", sa.JSON()))
    for story, keys in told.items():
        here.execute(
            stories.update().where(stories.c.id == story, stories.c.lead != "").values(lead_rests_on=list(keys))
        )


def downgrade():
    with op.batch_alter_table("stories") as table:
        table.drop_column("chosen_by")
        table.drop_column("why_chosen")
        table.drop_column("lead_rests_on")
