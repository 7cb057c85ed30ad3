PUBLIC = {"demo.file", "demo.html", "demo.index", "demo.letter"}  # 404 where no demo runs
