// The page was asked for to be printed: print it.
addEventListener("load", () => print());
