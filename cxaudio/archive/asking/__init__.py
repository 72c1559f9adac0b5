"""Answer questions about a store: SQL that can only read, exports, and fair figures of groups of calls."""
