import { BadRequestException } from '@nestjs/common';
import { trimmedField } from '../frame/form.js';
import type { NoteText } from './notes.service.js';

const LONGEST_TITLE = 120;
const LONGEST_TEXT = 10_000;

/** Reads a note that was filled in. @throws BadRequestException `NOTE_INVALID` without a title, or where it is too long */
export function noteTextOf(body: unknown): NoteText {
  const title = trimmedField(body, 'title');
  const text = trimmedField(body, 'text');
  if (title === '' || title.length > LONGEST_TITLE || text.length > LONGEST_TEXT) {
    const message = `A note has a title of at most ${LONGEST_TITLE} letters and a text of at most ${LONGEST_TEXT}.`;
    throw new BadRequestException({ statusCode: 400, error: 'Bad Request', code: 'NOTE_INVALID', message });
  }
  return { title, text };
}
