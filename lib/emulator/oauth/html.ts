/** Text that is HTML already; everything else is escaped where it is put into a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | undefined | Html | readonly Html[];

/** A template whose values are escaped, in text and in quoted attributes alike. */
export function html(texts: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(texts.reduce((page, text, index) => page + rendered(values[index - 1]) + text));
}

function rendered(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return escaped(part);
  return part instanceof Html ? part.text : part.map(({ text }) => text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
