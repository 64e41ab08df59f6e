import { Injectable, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI document of the JSON API; it is read off the application once that is made. */
@Injectable()
export class ApiDocument {
  #document: OpenAPIObject | undefined;

  describe(application: INestApplication): void {
    const head = new DocumentBuilder()
      .setTitle('Notebook')
      .setDescription(
        'What is below /api/auth signs people in and out, by cookies. Everything else takes that session, or an access ' +
          'token of the user pool. With cookies every POST and DELETE wants the header x-csrf-token.',
      )
      .setVersion('1')
      .addBearerAuth()
      .build();
    const whole = SwaggerModule.createDocument(application, head);
    const paths = Object.entries(whole.paths).filter(([path]) => path.startsWith('/api/') && path !== '/api/docs');
    this.#document = { ...whole, paths: Object.fromEntries(paths) };
  }

  get document(): OpenAPIObject {
    if (this.#document === undefined) throw new Error('The API is described when the application has been made.');
    return this.#document;
  }
}
