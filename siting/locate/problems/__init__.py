"""The problems by name: one public function each, which checks its arguments and calls an engine."""
