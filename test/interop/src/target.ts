export { startTarget } from '@ottla-test/apache-kafka'
