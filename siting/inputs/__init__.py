"""City folders, read and checked here, and assembled from the sources that a spec lists."""
