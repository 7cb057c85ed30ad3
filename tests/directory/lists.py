from tests.factories.directory import a_person, an_organisation


def organisations(_meeting, n):
    for _ in range(n):
        an_organisation(names=[("シーライツ", "ja", "short")])


def people(_meeting, n):
    organisation = an_organisation()
    for i in range(n):
        a_person(organisation, is_child=i % 3 == 0)


PAGES = {"directory.organisations": organisations, "directory.people": people}
