"""Every query and index of webhooks: endpoints, and the calls on their way to each."""
