"""Mails agents what they asked for about their own accounts (AG1): a link for a new password."""
