-- Roles, the wall between tenants, the delivery log and the ownership of its partitions.

-- Two roles that nobody logs in as: sessions switch to them at start. They own nothing and bypass nothing.
-- Roles belong to the whole cluster, so another database may have created them, perhaps at this moment.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['clique_app', 'clique_system'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', name);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
    BEGIN
      IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', name);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
END $$;

-- One line per tenant table: rows are seen and written only for the stores that the transaction was opened to
-- (set_config('clique.stores', '{17}', true)). Without that setting every access is an error: it fails closed.
CREATE FUNCTION clique_protect(tenant_table regclass, app_may text DEFAULT 'SELECT, INSERT, UPDATE, DELETE') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('CREATE POLICY tenant ON %s USING (store_id = ANY ((SELECT current_setting(''clique.stores''))::bigint[]))'
                 ' WITH CHECK (store_id = ANY ((SELECT current_setting(''clique.stores''))::bigint[]))', tenant_table);
  IF app_may <> '' THEN
    EXECUTE format('GRANT %s ON %s TO clique_app', app_may, tenant_table);
  END IF;
END $$;

-- For the few tables that system work reads or writes across tenants.
CREATE FUNCTION clique_open_to_system(tenant_table regclass, system_may text DEFAULT 'SELECT, INSERT, UPDATE, DELETE')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY system ON %s TO clique_system USING (true) WITH CHECK (true)', tenant_table);
  IF system_may <> '' THEN
    EXECUTE format('GRANT %s ON %s TO clique_system', system_may, tenant_table);
  END IF;
END $$;

-- The schema's version is not theirs to change.
GRANT SELECT ON schema_migration TO clique_app, clique_system;

-- The 64 partitions of the delivery log. Numbers are given out under the counter's row lock, inside the inserting
-- transaction: gapless and in commit order, which a sequence is not.
CREATE TABLE partition_counter (
  part int PRIMARY KEY CHECK (part BETWEEN 0 AND 63),
  next bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 50);

-- Low-water mark: every delivery with seq <= it is closed.
CREATE TABLE partition_cursor (
  part int PRIMARY KEY CHECK (part BETWEEN 0 AND 63),
  seq bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE partition_owner (
  part int PRIMARY KEY CHECK (part BETWEEN 0 AND 63),
  owner text,
  epoch bigint NOT NULL DEFAULT 0,
  expires_at timestamptz,
  -- Makes the epoch part of a key: changing it waits for the writers that checked it (FOR KEY SHARE),
  -- renewing the lease does not.
  UNIQUE (part, epoch)
) WITH (fillfactor = 50);

INSERT INTO partition_counter(part) SELECT generate_series(0, 63);
INSERT INTO partition_cursor(part) SELECT generate_series(0, 63);
INSERT INTO partition_owner(part) SELECT generate_series(0, 63);

-- Epochs of all nodes: an epoch that was given out later is larger.
CREATE SEQUENCE partition_epoch;

CREATE TABLE cluster_node (
  name text PRIMARY KEY,
  lock_key bigint NOT NULL, -- session advisory lock that the node holds while it lives
  seen timestamptz NOT NULL
);

GRANT SELECT, UPDATE ON partition_counter TO clique_system;
GRANT SELECT, UPDATE ON partition_cursor TO clique_system, clique_app;
GRANT SELECT, UPDATE ON partition_owner TO clique_system;
GRANT SELECT ON partition_owner TO clique_app;
GRANT USAGE ON SEQUENCE partition_epoch TO clique_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON cluster_node TO clique_system;

-- Takes every partition that is free: never owned, given back, its lease expired, its owner's session lock gone, or a
-- leftover of an earlier process of this node. *held*: the node's epoch, 0 for none. A partition keeps no writer of an
-- earlier tenure: when one of those taken has seen *held* or a later epoch, all of the node's go under a new one.
-- Clock of the database only.
CREATE FUNCTION clique_acquire_partitions(node text, held bigint, seconds double precision)
RETURNS TABLE (epoch bigint, parts bigint) LANGUAGE plpgsql AS $$
DECLARE
  alive text[];
  taken int[];
  current bigint := held;
BEGIN
  alive := ARRAY(SELECT n.name FROM cluster_node n
                 JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                   AND l.classid = (n.lock_key >> 32 & 4294967295)::oid AND l.objid = (n.lock_key & 4294967295)::oid
                 JOIN pg_database d ON d.oid = l.database AND d.datname = current_database());
  taken := ARRAY(SELECT o.part FROM partition_owner o
                 WHERE o.owner IS NULL OR o.expires_at < clock_timestamp() OR o.owner <> ALL (alive)
                   OR (o.owner = node AND o.epoch <> held)
                 ORDER BY o.part FOR UPDATE);
  IF cardinality(taken) > 0 THEN
    IF EXISTS (SELECT FROM partition_owner o WHERE o.part = ANY (taken) AND o.epoch >= current) THEN
      current := nextval('partition_epoch');
    END IF;
    UPDATE partition_owner o
    SET owner = node, epoch = current, expires_at = clock_timestamp() + seconds * interval '1 second'
    WHERE o.part = ANY (taken) OR (o.owner = node AND o.epoch = held);
  END IF;
  RETURN QUERY SELECT current, count(*) FROM partition_owner o WHERE o.owner = node AND o.epoch = current;
END $$;

-- First statement of every write transaction.
CREATE FUNCTION clique_check_epoch(wanted bigint, parts int[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  held bigint;
BEGIN
  PERFORM FROM partition_owner WHERE part = ANY (parts) AND epoch = wanted AND owner IS NOT NULL ORDER BY part FOR KEY SHARE;
  GET DIAGNOSTICS held = ROW_COUNT;
  IF held <> (SELECT count(DISTINCT x) FROM unnest(parts) AS x) THEN
    RAISE EXCEPTION 'epoch % no longer owns all of its partitions', wanted USING ERRCODE = 'CQ001';
  END IF;
END $$;
REVOKE EXECUTE ON FUNCTION clique_check_epoch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clique_check_epoch TO clique_app, clique_system;

-- The delivery log, one table per day of reception (UTC), so that old ones are dropped rather than deleted.
CREATE TABLE delivery (
  part int NOT NULL,
  seq bigint NOT NULL,
  received_day date NOT NULL,
  store_id bigint NOT NULL,
  source text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  webhook_id text COLLATE "C" NOT NULL,
  event_id text NOT NULL,
  triggered_at timestamptz,
  received_at timestamptz NOT NULL,
  body bytea NOT NULL, -- zstd
  PRIMARY KEY (part, seq, received_day),
  UNIQUE (store_id, webhook_id, topic, source, received_day) -- the column that tells most apart comes early
) PARTITION BY RANGE (received_day);
ALTER TABLE delivery ALTER COLUMN body SET STORAGE EXTERNAL; -- compressed by us
SELECT clique_protect('delivery', 'SELECT');
SELECT clique_open_to_system('delivery', 'SELECT, INSERT');

-- Creates the table of a day unless it is there. For clique_system, which owns no table.
CREATE FUNCTION clique_create_delivery_day(wanted date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  name text := 'delivery_' || to_char(wanted, 'YYYYMMDD');
BEGIN
  IF to_regclass(name) IS NOT NULL THEN
    RETURN;
  END IF;
  -- Two at once: the second waits here and finds it. Readers and writers do not wait.
  LOCK TABLE delivery IN SHARE UPDATE EXCLUSIVE MODE;
  IF to_regclass(name) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE delivery INCLUDING ALL)', name);
  -- A compressed order stays in its row; only larger ones go to the side table.
  EXECUTE format('ALTER TABLE %I SET (toast_tuple_target = 8160, autovacuum_vacuum_insert_scale_factor = 0.5)', name);
  PERFORM clique_protect(name::regclass, '');
  PERFORM clique_open_to_system(name::regclass, '');
  EXECUTE format('ALTER TABLE delivery ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, wanted, wanted + 1);
END $$;

-- Drops the tables of days before *oldest* whose deliveries are all closed.
CREATE FUNCTION clique_drop_delivery_days(oldest date) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  name text;
  is_open boolean;
  dropped int := 0;
BEGIN
  FOR name IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
              WHERE i.inhparent = 'delivery'::regclass AND c.relname < 'delivery_' || to_char(oldest, 'YYYYMMDD')
              ORDER BY c.relname LOOP
    -- Nobody appends from here on. Forced row security binds the owner, too, and would hide open deliveries.
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', name);
    EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('SELECT EXISTS (SELECT FROM %I d JOIN partition_cursor c USING (part) WHERE d.seq > c.seq)', name)
      INTO is_open;
    IF is_open THEN
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    ELSE
      EXECUTE format('DROP TABLE %I', name);
      dropped := dropped + 1;
    END IF;
  END LOOP;
  RETURN dropped;
END $$;
REVOKE EXECUTE ON FUNCTION clique_create_delivery_day, clique_drop_delivery_days FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clique_create_delivery_day, clique_drop_delivery_days TO clique_system;

-- Deliveries that a child could not digest, kept for people.
CREATE TABLE dead_letter (
  store_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  part int NOT NULL,
  seq bigint NOT NULL,
  source text NOT NULL,
  topic text NOT NULL,
  webhook_id text NOT NULL,
  body bytea NOT NULL, -- raw JSON
  reason text NOT NULL,
  attempts int NOT NULL DEFAULT 1,
  at timestamptz NOT NULL DEFAULT now(),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed', 'discarded')),
  PRIMARY KEY (store_id, id)
);
SELECT clique_protect('dead_letter');
SELECT clique_open_to_system('dead_letter', 'SELECT');

-- How far each child of a store is: deliveries of the store's partition with seq <= it are done for this child.
CREATE TABLE store_cursor (
  store_id bigint NOT NULL,
  child text NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (store_id, child)
) WITH (fillfactor = 70);
SELECT clique_protect('store_cursor');
SELECT clique_open_to_system('store_cursor', 'SELECT');
