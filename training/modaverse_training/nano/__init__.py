"""The recipes that train the nano suite from nothing: every model that the package ships."""
