/**
 * With which settings does the embedded PostgreSQL run?
 * Small in memory, safe on disk: every commit reaches the disk (fsync and synchronous_commit stay on).
 */
export const serverSettings: readonly string[] = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=', // no socket file: nobody else on the machine gets in without the password
  'password_encryption=scram-sha-256',
  'ssl=off', // loopback only; the bundled OpenSSL is old
  'timezone=UTC',
  'log_timezone=UTC',
  'log_min_messages=warning',
  'log_line_prefix=%m [%p] ',
  'max_connections=80',
  // memory: the idle stack is measured with these
  'shared_buffers=40MB',
  'work_mem=4MB',
  'maintenance_work_mem=32MB',
  'jit=off',
  'io_method=sync', // three processes fewer
  'max_worker_processes=2',
  'max_parallel_workers=0',
  'max_parallel_workers_per_gather=0',
  'max_logical_replication_workers=0',
  'autovacuum_max_workers=2',
  'autovacuum_naptime=30s',
  // one server, no replicas: write less
  'wal_level=minimal',
  'max_wal_senders=0',
  'min_wal_size=32MB',
  'max_wal_size=512MB',
  'checkpoint_timeout=10min',
]
