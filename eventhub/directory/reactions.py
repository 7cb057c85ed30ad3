"""What the directory adds to the features below: the jobs that read and import lists."""

from flask_babel import lazy_gettext as _

from eventhub.directory import imports
from eventhub.jobs import service as jobs

jobs.kind(imports.READ, permission="directory.edit", page="directory.preview", only_looks=True)(imports.read_list)
jobs.kind(
    imports.IMPORT,
    permission="directory.edit",
    after=(
        (_("Invite organisations"), "invitations.new"),
        (_("Organisations"), "directory.organisations"),
        (_("People"), "directory.people"),
        (_("Import another list"), "directory.imports"),
    ),
)(imports.import_list)
