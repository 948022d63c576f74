"""Objects that have the API server or a controller write others in their place: policies that mutate or generate."""
