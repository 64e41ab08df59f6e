import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { LocalUser } from 'nest-cognito';
import { KeptNote, NewNote } from '../api/answers.js';
import { User } from '../users/user.entity.js';
import type { Note } from './note.entity.js';
import { noteTextOf } from './note-text.js';
import { NotesService } from './notes.service.js';

/** The notes of whoever asks, for programs. */
@ApiTags('notes')
@ApiBearerAuth()
@Controller('api/notes')
export class NotesApiController {
  constructor(private readonly notes: NotesService) {}

  @Get()
  @ApiOperation({ summary: 'Your notes, newest first' })
  @ApiOkResponse({ type: [KeptNote] })
  async list(@LocalUser() user: User): Promise<KeptNote[]> {
    return (await this.notes.listOf(user)).map(keptNoteOf);
  }

  @Post()
  @ApiOperation({ summary: 'Keep a note' })
  @ApiBody({ type: NewNote })
  @ApiCreatedResponse({ type: KeptNote })
  async add(@LocalUser() user: User, @Body() body: unknown): Promise<KeptNote> {
    return keptNoteOf(await this.notes.add(user, noteTextOf(body)));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete one of your notes' })
  @ApiNoContentResponse()
  async remove(@LocalUser() user: User, @Param('id') id: string): Promise<void> {
    await this.notes.remove(user, id);
  }
}

function keptNoteOf({ id, title, text, createdAt }: Note): KeptNote {
  return { id, title, text, createdAt };
}
