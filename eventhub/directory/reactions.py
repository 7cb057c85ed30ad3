"""What the directory adds to the features below: the jobs that read and import lists."""

from eventhub.directory import imports
from eventhub.jobs import service as jobs

jobs.kind(imports.READ, permission="directory.edit", page="directory.preview")(imports.read_list)
jobs.kind(imports.IMPORT, permission="directory.edit")(imports.import_list)
