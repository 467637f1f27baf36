-- Records of the audit go only when a record says that they do: an intent 'audit.purge', whose resource_id is the highest
-- id that may go. Their leaves in audit_leaves stay. There is no way down from here, as from audit_log itself.
CREATE INDEX idx_audit_log_purges ON audit_log (id) WHERE action = 'audit.purge' AND phase = 'intent';

-- What is looked up. Not request_id: its random texts would cost every record more than all of these together.
CREATE INDEX idx_audit_log_event_id ON audit_log (event_id);
CREATE INDEX idx_audit_log_username ON audit_log (username);
CREATE INDEX idx_audit_log_acts ON audit_log (action) WHERE action <> 'query';

DROP TRIGGER audit_log_is_never_deleted;

CREATE TRIGGER audit_log_is_deleted_by_purges_only BEFORE DELETE ON audit_log
WHEN NOT EXISTS (
    SELECT 1 FROM audit_log
    WHERE action = 'audit.purge' AND phase = 'intent' AND id > OLD.id AND resource = 'audit'
        AND CAST(resource_id AS INTEGER) >= OLD.id AND CAST(resource_id AS INTEGER) < id
)
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;

PRAGMA user_version = 11;
