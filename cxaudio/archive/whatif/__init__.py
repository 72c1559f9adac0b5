"""Say what another policy would have said of the calls of a store, without their sound."""
