"""Every task a person runs. (being filled)"""
