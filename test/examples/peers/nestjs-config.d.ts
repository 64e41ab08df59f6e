import type { DynamicModule } from '@nestjs/common';

// What the examples use of @nestjs/config, which is no dependency of this repository.
export declare class ConfigModule {
  static forRoot(): Promise<DynamicModule>;
}

export declare class ConfigService {
  getOrThrow<T>(key: string): T;
}
