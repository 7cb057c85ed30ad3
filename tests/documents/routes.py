PUBLIC = {"certificate.pdf"}  # a personal link
