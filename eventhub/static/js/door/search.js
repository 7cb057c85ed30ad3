// Names found in any script, as the server finds them: no case, no width, no marks where readers type without them.
// The marks of Khmer, Burmese, Thai and the Indic scripts are their vowels and stay; many write no spaces between words,
// so a part of a name is enough.

const LETTERS = {
  "đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "ng",
  "ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ۀ": "ه", "ة": "ه", "ـ": "",
  "'": "", "’": "", "‘": "", "ʼ": "", "ʻ": "", "ʾ": "", "ʿ": "", "`": "",
};
const UNMARKED = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}]/u;
const MARK = /\p{M}/u;
const KEPT = /[\p{L}\p{N}]/u;
const UNSEEN = /[\p{Cf}\p{Cs}\p{Cn}\p{Co}]/u; // joiners and direction marks go without a trace

/** A name as it is compared. "" when no letter or digit is left; folding twice equals folding once. */
export function fold(text) {
  let folded = "";
  let unmarked = false;
  for (const raw of text.normalize("NFKD").toLowerCase().replace(/ß/g, "ss").normalize("NFKD")) {
    const letter = raw in LETTERS ? LETTERS[raw] : raw;
    if (letter === "") continue;
    if (MARK.test(letter)) folded += unmarked ? "" : letter;
    else if (KEPT.test(letter)) {
      unmarked = UNMARKED.test(letter);
      folded += letter;
    } else if (!UNSEEN.test(letter)) {
      unmarked = false;
      folded += " ";
    }
  }
  return folded.replace(/\s+/gu, " ").trim().normalize("NFC");
}

/** The people on a roster, ready to be searched. */
export class Names {
  constructor(entries) {
    this.rows = entries.map((entry) => ({
      entry,
      name: fold(entry.name || ""),
      latin: fold(entry.latin_name || ""),
      text: fold([entry.name, entry.latin_name, entry.called, entry.organisation].filter(Boolean).join(" ")),
      order: entry.sort_key || fold(entry.latin_name || entry.name || ""),
    }));
    this.rows.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  }

  /** Everybody whose name or organisation holds each typed word; names that begin with the text come first. Who is
   * unlisted is found by the whole name only. */
  find(text) {
    const whole = fold(text);
    const words = whole.split(" ").filter(Boolean);
    if (!words.length) return [];
    const isWhole = (row) => row.name === whole || row.latin === whole;
    const hasAll = (row) => words.every((word) => row.text.includes(word));
    const found = this.rows.filter((row) => (row.entry.unlisted ? isWhole(row) : hasAll(row)));
    const first = found.filter((row) => row.name.startsWith(whole));
    return [...first, ...found.filter((row) => !first.includes(row))].map((row) => row.entry);
  }
}
