"""The programme is public where the meeting says so."""

PUBLIC = {"programme_public.programme", "programme_public.ics"}
