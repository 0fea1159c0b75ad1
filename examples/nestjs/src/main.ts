/** An application with the module: one route that queries the database. It listens after the login has succeeded. */
import 'reflect-metadata'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { findAuthError } from '@x/auth-core'
import { Client } from 'cassandra-driver'
import { CassandraModule } from './cassandra.module.js'

@Controller()
class VersionController {
  constructor(private readonly client: Client) {}

  @Get('version')
  async version() {
    const { rows } = await this.client.execute('SELECT release_version FROM system.local')
    return { version: rows[0]?.['release_version'] }
  }
}

@Module({ imports: [CassandraModule], controllers: [VersionController] })
class AppModule {}

try {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'], abortOnError: false })
  app.enableShutdownHooks()
  await app.listen(Number(process.env['PORT']), '127.0.0.1')
  console.log('ready')
} catch (error) {
  console.error(findAuthError(error)?.message)
  throw error
}
