import { Body, Get, Param, Post } from '@nestjs/common';
import { LocalUser } from 'nest-cognito';
import { type Answer, SeeOther } from '../frame/answer.js';
import { area, field, type FormMaker } from '../frame/form.js';
import { type Html, html } from '../frame/html.js';
import { PageController } from '../frame/page.controller.js';
import { User } from '../users/user.entity.js';
import type { Note } from './note.entity.js';
import { noteTextOf } from './note-text.js';
import { NotesService } from './notes.service.js';

/** The notes of whoever is signed in. */
@PageController('notes')
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Get()
  async list(@LocalUser() user: User): Promise<Answer> {
    const notes = await this.notes.listOf(user);
    return {
      title: 'Notes',
      body: (form) =>
        html`<h1>Your notes</h1>
          <section class="card" aria-labelledby="new">
            <h2 id="new">New note</h2>
            ${form('/notes', newNote)}
          </section>
          ${notes.length === 0 ? html`<p class="quiet below">Nothing yet.</p>` : listOf(notes, form)}`,
    };
  }

  @Post()
  async add(@LocalUser() user: User, @Body() body: unknown): Promise<Answer> {
    await this.notes.add(user, noteTextOf(body));
    return new SeeOther('/notes');
  }

  @Post(':id/delete')
  async remove(@LocalUser() user: User, @Param('id') id: string): Promise<Answer> {
    await this.notes.remove(user, id);
    return new SeeOther('/notes');
  }
}

const newNote: Html = html`${field({ name: 'title', label: 'Title', autocomplete: 'off', plain: true })}
  ${area({ name: 'text', label: 'Text' })} <button>Keep it</button>`;

function listOf(notes: readonly Note[], form: FormMaker): Html {
  return html`<ul class="messages" aria-label="Notes">
    ${notes.map(
      ({ id, title, text, createdAt }) =>
        html`<li class="card">
          <h2>${title}</h2>
          <p class="written">${text}</p>
          <div class="row">
            <p class="quiet">${createdAt.toISOString().slice(0, 10)}</p>
            ${form(`/notes/${id}/delete`, html`<button class="plain" aria-label="Delete ${title}">Delete</button>`)}
          </div>
        </li>`,
    )}
  </ul>`;
}
