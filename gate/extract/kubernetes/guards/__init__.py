"""What keeps watch over a cluster's changes, this gate first, and what makes it weak."""
