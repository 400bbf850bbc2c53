"""What comes in: city folders, read and checked here, and made from raw sources by `build`."""
