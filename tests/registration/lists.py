from tests.factories.registration import a_question, a_registration


def registrations(meeting, n):
    for _ in range(n):
        a_registration(meeting)


def questions(meeting, n):
    for _ in range(n):
        a_question(meeting)


PAGES = {"registration.index": registrations, "registration.fields": questions}
