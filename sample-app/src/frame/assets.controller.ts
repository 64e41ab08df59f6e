import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from 'nest-cognito';
import { ICON, STYLES } from './styles.js';

const AN_HOUR = 'public, max-age=3600';

/** What the pages load; there is nothing else. */
@Public()
@ApiExcludeController()
@Controller()
export class AssetsController {
  @Get('styles.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', AN_HOUR)
  styles(): string {
    return STYLES;
  }

  @Get('icon.svg')
  @Header('Content-Type', 'image/svg+xml')
  @Header('Cache-Control', AN_HOUR)
  icon(): string {
    return ICON;
  }
}
