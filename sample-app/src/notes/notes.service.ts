import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { User } from '../users/user.entity.js';
import { Note } from './note.entity.js';

/** What a person fills in. */
export interface NoteText {
  readonly title: string;
  readonly text: string;
}

const MOST_NOTES = 200;

/** The notes of each user: every question names the owner, so that nobody finds those of somebody else. */
@Injectable()
export class NotesService {
  constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {}

  /** Newest first. */
  listOf(owner: User): Promise<Note[]> {
    return this.notes.find({ where: { owner: { id: owner.id } }, order: { createdAt: 'DESC' }, take: MOST_NOTES });
  }

  async add(owner: User, { title, text }: NoteText): Promise<Note> {
    return this.notes.save(this.notes.create({ owner, title, text }));
  }

  /** @throws NotFoundException also for a note of somebody else: that it exists is not told */
  async remove(owner: User, id: string): Promise<void> {
    const isId = /^[0-9a-f-]{36}$/i.test(id);
    const { affected } = isId ? await this.notes.delete({ id, owner: { id: owner.id } }) : { affected: 0 };
    if (affected !== 1) throw new NotFoundException();
  }
}
