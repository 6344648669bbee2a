// The letters of Korean fingerspelling, which the names of recordings are read by: from the file of their vocabulary.

const file = await fetch(new URL("vocabularies/korean.json", import.meta.url));

export const LETTERS = (await file.json()).labels.map(({ label }) => label);
