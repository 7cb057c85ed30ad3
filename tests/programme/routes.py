"""The programme is public where the meeting says so; one's own sessions are behind the personal link."""

PUBLIC = {"programme_public.programme", "programme_public.ics", "programme_public.mine"}
