// The letters of Korean fingerspelling, from the file of their vocabulary, and how they spell syllables.

const file = await fetch(new URL("vocabularies/korean.json", import.meta.url));

export const LETTERS = (await file.json()).labels.map(({ label }) => label);

const LEADS = "ㄱ ㄱㄱ ㄴ ㄷ ㄷㄷ ㄹ ㅁ ㅂ ㅂㅂ ㅅ ㅅㅅ ㅇ ㅈ ㅈㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
const VOWELS = "ㅏ ㅏㅣ ㅑ ㅑㅣ ㅓ ㅓㅣ ㅕ ㅕㅣ ㅗ ㅗㅏ ㅗㅏㅣ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅓㅣ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split(" ");
const ENDS = " ㄱ ㄱㄱ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅅㅅ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
const FIRST_SYLLABLE = 0xac00;

/** Return the letters that spell syllables of Hangul (The Unicode Standard, section 3.12). */
export function lettersOf(text) {
  return [...text].flatMap((syllable) => {
    const index = syllable.codePointAt(0) - FIRST_SYLLABLE;
    const vowel = Math.floor(index / ENDS.length) % VOWELS.length;
    return [...LEADS[Math.floor(index / ENDS.length / VOWELS.length)], ...VOWELS[vowel], ...ENDS[index % ENDS.length]];
  });
}
